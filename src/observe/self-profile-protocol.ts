/**
 * How the main thread and the workers of this process speak about profiles: by broadcast, so that neither side needs a
 * handle of the other and pools that own their workers' message ports are left alone.
 *
 *     main    who ──────────>            cpu-start ────> …seconds… cpu-stop ────>           heap ────>
 *     worker      <──── here             here <────                    profile <────        profile <────
 */
export const selfProfileChannel = 'flameherd:self-profile';

export type SelfProfileAsk =
  | { readonly to: 'workers'; readonly kind: 'who' }
  | { readonly to: 'workers'; readonly kind: 'cpu-start'; readonly id: number; readonly seconds: number }
  | { readonly to: 'workers'; readonly kind: 'cpu-stop'; readonly id: number }
  | { readonly to: 'workers'; readonly kind: 'cpu-discard'; readonly id: number }
  | { readonly to: 'workers'; readonly kind: 'heap'; readonly id: number };

export type SelfProfileAnswer =
  | { readonly to: 'main'; readonly kind: 'here'; readonly threadId: number; readonly thread: string }
  | { readonly to: 'main'; readonly kind: 'gone'; readonly threadId: number }
  | {
      readonly to: 'main';
      readonly kind: 'profile';
      readonly id: number;
      readonly threadId: number;
      readonly thread: string;
      /** Plain pprof; undefined when this thread has none to give. */
      readonly bytes: Uint8Array | undefined;
    };

export type SelfProfileMessage = SelfProfileAsk | SelfProfileAnswer;
