import { defineSettings } from '@banyan/kernel/runtime';
import { z } from 'zod';

/** What the app decides for this context; it provides this class to every context that asks for it. */
export abstract class IdentitySettings {
  /** `iss` of the access tokens. */
  abstract readonly issuer: string;
  /** `aud` of the access tokens. */
  abstract readonly audience: string;
  /** Who becomes operator when there is none yet. */
  abstract readonly operator?: { readonly email: string; readonly password: string };
}

/** Everything comes from the app, which accepts what this context issues. */
export const identitySettings = defineSettings(IdentitySettings, {
  variables: z.object({}),
  problems: (_given, { production, operator }) =>
    (production && !operator ? ['ADMIN_EMAIL, ADMIN_PASSWORD: needed in production; nothing is made up there.'] : []),
  read: (_given, { issuer, audience, operator }): IdentitySettings => ({ issuer, audience, ...(operator && { operator }) }),
});
