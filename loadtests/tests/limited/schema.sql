CREATE TABLE counter (id bigint PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

-- Until the end of the transaction, a commit is 50 ms late on disk.
CREATE FUNCTION use_slow_disk() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM set_config('commit_delay', '50000', true), set_config('commit_siblings', '0', true);
END
$$;

-- One after the other, however many connections there are and however busy the machine is.
CREATE FUNCTION in_turn() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(1);
  SELECT pg_sleep(0.02);
$$;

-- Some 50 ms of CPU time.
CREATE FUNCTION busy() RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(number) FROM generate_series(1, 400000) number;
$$;
