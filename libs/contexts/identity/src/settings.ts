/** What the app decides for this context; it provides this class to every context that asks for it. */
export abstract class IdentitySettings {
  /** `iss` of the access tokens. */
  abstract readonly issuer: string;
  /** `aud` of the access tokens. */
  abstract readonly audience: string;
  /** Who becomes operator when there is none yet. */
  abstract readonly operator?: { readonly email: string; readonly password: string };
}
