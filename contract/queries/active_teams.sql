-- $1 user. One row for each team in which the user is active.
SELECT team_id
FROM memberships
WHERE user_id = $1 AND active
