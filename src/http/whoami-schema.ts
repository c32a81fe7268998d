import { Type } from 'typebox';
import { permissions } from '../auth/permission.ts';

/** What `/api/v1/whoami` answers. */
export const whoamiSchema = Type.Object({
  name: Type.Union([Type.String(), Type.Null()], { description: 'As the log names it; null where nobody is asked.' }),
  isProven: Type.Boolean({ description: 'Whether it has proved who it is: false with auth.mode none.' }),
  namespaces: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: 'Those of which anything is known and which may be read; null: all, also those to come.',
  }),
  permissions: Type.Array(Type.Enum([...permissions]), { description: 'What may be done in the namespace `in`.' }),
  in: Type.Union([Type.String(), Type.Null()], {
    description: 'The namespace that was asked about; null: everywhere.',
  }),
  hasSession: Type.Boolean({ description: 'Whether it has logged in on the page, and may log out.' }),
});
