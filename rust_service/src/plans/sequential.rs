//! The plan of one statement after the other: the session first, and each list by itself.

use tokio_postgres::Row;

use crate::database::{Database, Lease};
use crate::errors::Error;
use crate::parameters::Paging;
use crate::queries::Query;
use crate::serializers::{Lists, PageRows, RecipeRows};

/// The rows of GET /api/v1/recipes/{id}.
pub async fn recipe(database: &Database, key: &str, id: i64) -> Result<RecipeRows, Error> {
    let mut lease = database.lease().await?;
    let visitor = Visitor::of_session(&mut lease, key).await?;
    let recipe = lease.query(Query::Recipe, &[&id, &visitor.user, &visitor.teams]).await?;
    let recipe = recipe.into_iter().next().ok_or(Error::NotFound)?;
    let lists = Lists {
        ingredients: lease.query(Query::Ingredients, &[&id]).await?,
        sections: lease.query(Query::Sections, &[&id]).await?,
        steps: lease.query(Query::Steps, &[&id]).await?,
        events: lease.query(Query::Events, &[&id]).await?,
        notes: lease.query(Query::Notes, &[&id]).await?,
        reactions: lease.query(Query::Reactions, &[&id]).await?,
    };
    Ok(RecipeRows::Apart(recipe, lists))
}

/// The rows of GET /api/v1/recipes.
pub async fn recipe_list(
    database: &Database,
    key: &str,
    Paging { limit, after }: &Paging,
) -> Result<PageRows, Error> {
    let mut lease = database.lease().await?;
    let visitor = Visitor::of_session(&mut lease, key).await?;
    let rows =
        lease.query(Query::RecipeList, &[&visitor.user, &visitor.teams, after, limit]).await?;
    PageRows::new(rows, *limit)
}

/// The row of the note that POST /api/v1/recipes/{id}/notes adds.
pub async fn note_create(
    database: &Database,
    key: &str,
    id: i64,
    text: &str,
) -> Result<Row, Error> {
    let mut lease = database.lease().await?;
    let visitor = Visitor::of_session(&mut lease, key).await?;
    let visible = lease.query(Query::NoteRecipe, &[&id, &visitor.user, &visitor.teams]).await?;
    if visible.is_empty() {
        return Err(Error::NotFound);
    }
    let rows = lease.query(Query::NoteCreate, &[&id, &text, &visitor.user]).await?;
    rows.into_iter().next().ok_or_else(|| Error::Internal("no row of the new note".into()))
}

/// Who asks.
struct Visitor {
    user: i64,
    /// The teams in which the user is active.
    teams: Vec<i64>,
}

impl Visitor {
    async fn of_session(lease: &mut Lease<'_>, key: &str) -> Result<Self, Error> {
        let session = lease.query(Query::Session, &[&key]).await?;
        let user = session.first().ok_or(Error::Unauthorized)?.try_get(0)?;
        let teams = lease.query(Query::ActiveTeams, &[&user]).await?;
        let teams = teams.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Self { user, teams })
    }
}
