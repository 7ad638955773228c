/** A file cannot be read as invoices, or not be written. It is thrown before anything goes to the shop. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
}
