/** What the app decides for notifications. */
export abstract class NotificationsSettings {
  /** The address that mail comes from. */
  abstract readonly from: string;
  /** Where mail is handed over: `smtp://` or `smtps://`, with user and password where the server wants them. Secret. */
  abstract readonly smtpUrl?: string;
  /** The folder that mail is put into instead, where there is no server: for development. */
  abstract readonly folder: string;
}
