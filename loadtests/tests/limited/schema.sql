CREATE TABLE counter (id bigint PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

-- Until the end of the transaction, a commit is 50 ms late on disk.
CREATE FUNCTION use_slow_disk() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM set_config('commit_delay', '50000', true), set_config('commit_siblings', '0', true);
END
$$;
