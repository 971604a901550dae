DELETE FROM nothing WHERE id > 1;
