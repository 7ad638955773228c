/** What the driver asks of an app process. */
export interface Asked {
  readonly ticket: number;
  readonly orderId: string;
  readonly customer: string;
}

/** What an app process tells the driver. */
export type Told =
  | { readonly is: 'ready' }
  | { readonly is: 'placed'; readonly ticket: number }
  | { readonly is: 'failed'; readonly ticket: number; readonly error: string };

/** How an app process is started. */
export interface AppSettings {
  readonly databaseUrl: string;
  /** Events travel over this broker; without one, within the process. */
  readonly amqpUrl?: string;
}
