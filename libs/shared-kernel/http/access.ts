import { SetMetadata } from '@nestjs/common';

/** Who may use a route. */
export type Access =
  | { readonly is: 'public' }
  | { readonly is: 'signed-in' }
  | { readonly is: 'roles'; readonly roles: readonly string[] }
  | { readonly is: 'monitoring' };

const ACCESS = Symbol('banyan.http.access');

/** Everybody may, signed in or not. On a method or a whole controller. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(ACCESS, { is: 'public' } satisfies Access);

/** Whoever is signed in may, with any role. */
export const SignedIn = (): ClassDecorator & MethodDecorator => SetMetadata(ACCESS, { is: 'signed-in' } satisfies Access);

/** Whoever is signed in with at least one of these roles may. */
export const Roles = (first: string, ...others: string[]): ClassDecorator & MethodDecorator =>
  SetMetadata(ACCESS, { is: 'roles', roles: [first, ...others] } satisfies Access);

/** Operators may, and whoever the app lets monitor it; see `HttpSettings.monitoring`. */
export const Monitoring = (): ClassDecorator & MethodDecorator => SetMetadata(ACCESS, { is: 'monitoring' } satisfies Access);

/** What a handler declares, else what its controller does, else nothing: such a route does not start. */
export function accessOf(controller: object, handler: object): Access | undefined {
  return declared(handler) ?? declared(controller);
}

function declared(target: object): Access | undefined {
  return Reflect.getMetadata(ACCESS, target) as Access | undefined;
}
