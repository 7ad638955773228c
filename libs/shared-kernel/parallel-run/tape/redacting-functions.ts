import { escapeIdentifier, escapeLiteral } from 'pg';

/** Takes the functions away. */
export const NO_REDACTING_FUNCTIONS =
  'DROP FUNCTION IF EXISTS tape_redacted(json, text[]); DROP FUNCTION IF EXISTS tape_walk(json, text[], bytea, boolean); DROP FUNCTION IF EXISTS tape_hashed(text, bytea); DROP TABLE IF EXISTS tape_key';

/**
 * `Redaction.of` once more, for whatever is in a database already: `tape_redacted` makes the same of the same JSON, with the
 * names as `plainName` makes them. The key is the owner's alone: the function that reads it runs with the owner's rights.
 *
 * Nobody's write may fail because it is written down. JSON can say what text cannot hold (\u0000, half a character) and be
 * nested deeper than the server's stack; nothing of that kind comes in by HTTP. Of a row with such a value objects and lists
 * are kept empty: they still fit their columns, and a replay that finds something in them is a difference.
 */
export function redactingFunctions(schema: string, role: string, key: Buffer): string {
  const here = escapeIdentifier(schema);
  return `
    CREATE TABLE IF NOT EXISTS tape_key (key bytea NOT NULL);
    REVOKE ALL ON tape_key FROM ${escapeIdentifier(role)};
    DELETE FROM tape_key; INSERT INTO tape_key VALUES (${escapeLiteral(`\\x${key.toString('hex')}`)});

    CREATE OR REPLACE FUNCTION tape_hashed(told text, secret bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT 'redacted-' || left(encode(sha256(secret || sha256(secret || convert_to(told, 'UTF8'))), 'hex'), 24) || CASE WHEN told LIKE '%@%' THEN '@redacted.example' ELSE '' END
    $$;

    CREATE OR REPLACE FUNCTION tape_walk(original json, personal text[], secret bytea, is_personal boolean) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
      CASE json_typeof(original)
        WHEN 'object' THEN RETURN (SELECT coalesce(json_object_agg(name,
            CASE WHEN json_typeof(value) IN ('object', 'array') OR (mine AND json_typeof(value) = 'string') THEN ${here}.tape_walk(value, personal, secret, mine) ELSE value END), '{}')
          FROM json_each(original) AS it (name, value), LATERAL (SELECT is_personal OR lower(replace(name, '_', '') COLLATE "C") = ANY (personal)) AS whose (mine));
        WHEN 'array' THEN RETURN (SELECT coalesce(json_agg(${here}.tape_walk(value, personal, secret, is_personal)), '[]') FROM json_array_elements(original) AS it (value));
        WHEN 'string' THEN RETURN CASE WHEN is_personal THEN to_json(${here}.tape_hashed(original #>> '{}', secret)) ELSE original END;
        ELSE RETURN original;
      END CASE;
    END $$;

    CREATE OR REPLACE FUNCTION tape_redacted(original json, personal text[]) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${here} AS $$
    DECLARE
      secret bytea := (SELECT key FROM tape_key);
      readable json;
    BEGIN
      RETURN tape_walk(original, personal, secret, false);
    EXCEPTION WHEN untranslatable_character OR invalid_text_representation OR statement_too_complex THEN
      readable := regexp_replace(original::text, '\\\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\\\ufffd', 'g')::json;
      IF json_typeof(readable) <> 'object' THEN RETURN CASE json_typeof(readable) WHEN 'array' THEN '[]' ELSE to_json(tape_hashed(readable::text, secret)) END; END IF;
      RETURN (SELECT json_object_agg(name, CASE json_typeof(value) WHEN 'object' THEN '{}' WHEN 'array' THEN '[]' ELSE tape_walk(json_build_object(name, value), personal, secret, false) -> name END)
        FROM json_each(readable) AS it (name, value));
    END $$;`;
}
