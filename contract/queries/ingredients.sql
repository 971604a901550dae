-- $1 recipe.
SELECT id, position, quantity, name, description, optional
FROM ingredients
WHERE recipe_id = $1
ORDER BY position
