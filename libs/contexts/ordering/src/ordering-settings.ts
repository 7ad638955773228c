/** What the app decides for ordering. */
export abstract class OrderingSettings {
  /** The payment method of a customer's order that names none; undefined where real cards are charged. */
  abstract readonly defaultPaymentMethod: string | undefined;
}
