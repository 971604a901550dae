-- $1 recipe. The reactions to all its notes, by one statement instead of one for each note.
SELECT a.note_id, a.id, a.emoji, a.created_by_id, u.name AS created_by_name, a.created_at
FROM notes n
JOIN reactions a ON a.note_id = n.id
JOIN users u ON u.id = a.created_by_id
WHERE n.recipe_id = $1
ORDER BY a.note_id, a.id
