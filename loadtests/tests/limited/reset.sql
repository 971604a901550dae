DELETE FROM written;
