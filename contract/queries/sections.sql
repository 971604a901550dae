-- $1 recipe.
SELECT id, position, title
FROM sections
WHERE recipe_id = $1
ORDER BY position
