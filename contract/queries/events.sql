-- $1 recipe.
SELECT e.id, e.action, e.created_by_id, u.name AS created_by_name, e.created_at
FROM events e
LEFT JOIN users u ON u.id = e.created_by_id
WHERE e.recipe_id = $1
ORDER BY e.id
