/** As much of a field as a waiver can name, and an index can hold. */
const FIELD_LENGTH = 500;

/** A value as JSON. What came in can say what PostgreSQL cannot hold: the character NUL, and half of a surrogate pair. */
export function storableJson(json: string): string {
  return json.replaceAll(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\ufffd');
}

/** The name of a field that holds names from data, which may be of any length. */
export function storableField(field: string): string {
  const text = field.replaceAll('\0', '\ufffd').toWellFormed();
  return text.length <= FIELD_LENGTH ? text : `${text.slice(0, FIELD_LENGTH - 1).toWellFormed()}…`;
}
