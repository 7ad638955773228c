/**
 * What a copy has beside its context's tables. `played` remembers, in the transactions of the replay themselves, how far
 * the copy is; `apply_images` makes rows what they are in the original, past the context's own triggers, with the rights of
 * who made the copy.
 */
export const COPY_FUNCTIONS = `
  CREATE TABLE IF NOT EXISTS played (position bigint PRIMARY KEY);

  CREATE OR REPLACE FUNCTION apply_images(images json) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  DECLARE
    image record;
    keys text[];
    settable text;
    named text;
  BEGIN
    FOR image IN SELECT it->>'table' AS "table", it->>'change' AS change, it->'row' AS row FROM json_array_elements(images) AS it LOOP
      IF image."table" = 'saga' THEN -- of a saga the image has what its context said; nobody here takes it further
        INSERT INTO saga (name, id, version, status, step, state, correlation_id, traceparent, started_by)
          SELECT name, id, version, 'running', 'replayed', state, '', '', '{}' FROM json_populate_record(NULL::saga, image.row) ON CONFLICT DO NOTHING;
        CONTINUE;
      END IF;
      SELECT coalesce(array_agg(a.attname::text), '{}') INTO keys FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = image."table"::regclass AND i.indisprimary;
      SELECT string_agg(format('%1$I = excluded.%1$I', attname), ', ') FILTER (WHERE NOT attname = ANY (keys) AND attidentity <> 'a'), string_agg(quote_ident(attname), ', ') INTO settable, named
        FROM pg_attribute WHERE attrelid = image."table"::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND image.row::jsonb ? attname::text;
      EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', image."table");
      IF image.change = 'truncated' THEN
        EXECUTE format('TRUNCATE %I CASCADE', image."table");
      ELSIF image.change = 'deleted' AND cardinality(keys) = 0 THEN -- one that is like it; which one nobody can tell
        EXECUTE format('DELETE FROM %1$I WHERE ctid = (SELECT ctid FROM %1$I AS it WHERE to_jsonb(it) = to_jsonb(json_populate_record(NULL::%1$I, $1)) LIMIT 1)', image."table") USING image.row;
      ELSIF image.change = 'deleted' THEN
        EXECUTE format('DELETE FROM %I WHERE (%s) = (SELECT %s FROM json_populate_record(NULL::%I, $1))', image."table",
          (SELECT string_agg(quote_ident(k), ', ') FROM unnest(keys) AS k), (SELECT string_agg(quote_ident(k), ', ') FROM unnest(keys) AS k), image."table") USING image.row;
      ELSIF cardinality(keys) = 0 OR settable IS NULL THEN
        EXECUTE format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM json_populate_record(NULL::%I, $1) ON CONFLICT DO NOTHING', image."table", named, named, image."table") USING image.row;
      ELSE
        EXECUTE format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM json_populate_record(NULL::%I, $1) ON CONFLICT (%s) DO UPDATE SET %s', image."table", named, named, image."table",
          (SELECT string_agg(quote_ident(k), ', ') FROM unnest(keys) AS k), settable) USING image.row;
      END IF;
      EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', image."table");
    END LOOP;
  END $$;
`;
