-- $1 recipe, $2 user, $3 the user's active teams. One row if the user may add a note to it.
SELECT id
FROM recipes
WHERE id = $1 AND (owner_user_id = $2 OR owner_team_id = ANY ($3::bigint[]))
