-- $1 recipe.
SELECT n.id, n.text, n.created_by_id, u.name AS created_by_name, n.created_at, n.updated_at
FROM notes n
JOIN users u ON u.id = n.created_by_id
WHERE n.recipe_id = $1
ORDER BY n.id
