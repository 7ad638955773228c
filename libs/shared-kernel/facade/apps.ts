/** The app that holds every context. */
export const MONOLITH = 'monolith';
