/** How the API server is reached and what proves who we are, read afresh now and then: tokens and certificates rotate. */
export interface Access {
  readonly server: string;
  readonly proxyUrl: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Where credentials come from. */
export interface Credentials {
  readonly server: string;
  /** The namespace of the context, or of the pod that we run in. */
  readonly namespace: string | undefined;
  /** Those of now, read anew when they may have rotated. Throws when there are none and none can be read. */
  current(): Promise<Access>;
  /** The server refused them: the next `current` reads everything again. */
  renew(): void;
}
