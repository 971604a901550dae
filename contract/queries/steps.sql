-- $1 recipe.
SELECT id, position, text
FROM steps
WHERE recipe_id = $1
ORDER BY position
