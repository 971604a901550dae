-- $1 recipe, $2 text, $3 user. One row: the note.
WITH note AS (
    INSERT INTO notes (recipe_id, text, created_by_id)
    VALUES ($1, $2, $3)
    RETURNING id, text, created_by_id, created_at, updated_at
)
SELECT note.id, note.text, note.created_by_id, u.name AS created_by_name, note.created_at, note.updated_at
FROM note
JOIN users u ON u.id = note.created_by_id
