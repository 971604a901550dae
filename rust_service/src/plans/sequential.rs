//! The plan with one query for each table, one after the other: the session first, then each list.

use tokio_postgres::Row;

use crate::database::{Database, Lease};
use crate::errors::Error;
use crate::parameters::Paging;
use crate::queries::Query;
use crate::serializers::{Lists, PageRows, RecipeRows};
use crate::settings::Lookup;

/// Which statements there are beside the ones that always run.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    pub lookup: Lookup,
    pub set_time_zone: bool,
}

impl Sequence {
    /// The rows of GET /api/v1/recipes/{id}.
    pub async fn recipe(
        self,
        database: &Database,
        key: &str,
        id: i64,
    ) -> Result<RecipeRows, Error> {
        let mut lease = database.lease().await?;
        let user = self.user(&mut lease, key).await?;
        let recipe = match self.lookup {
            Lookup::ById => {
                let teams = teams(&mut lease, user).await?;
                lease.query(Query::Recipe, &[&id, &user, &teams]).await?
            }
            Lookup::Random => lease.query(Query::RecipeRandom, &[&user, &1_i64]).await?,
        };
        let recipe = recipe.into_iter().next().ok_or(Error::NotFound)?;
        let id: i64 = recipe.try_get(0)?;
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
        self,
        database: &Database,
        key: &str,
        Paging { limit, after }: &Paging,
    ) -> Result<PageRows, Error> {
        let mut lease = database.lease().await?;
        let user = self.user(&mut lease, key).await?;
        let teams = teams(&mut lease, user).await?;
        let rows = lease.query(Query::RecipeList, &[&user, &teams, after, limit]).await?;
        PageRows::new(rows, *limit)
    }

    /// The row of the note that POST /api/v1/recipes/{id}/notes adds.
    pub async fn note_create(
        self,
        database: &Database,
        key: &str,
        id: i64,
        text: &str,
    ) -> Result<Row, Error> {
        let mut lease = database.lease().await?;
        let user = self.user(&mut lease, key).await?;
        let teams = teams(&mut lease, user).await?;
        let visible = lease.query(Query::NoteRecipe, &[&id, &user, &teams]).await?;
        if visible.is_empty() {
            return Err(Error::NotFound);
        }
        let rows = lease.query(Query::NoteCreate, &[&id, &text, &user]).await?;
        rows.into_iter().next().ok_or_else(|| Error::Internal("no row of the new note".into()))
    }

    /// The user of a session.
    async fn user(self, lease: &mut Lease<'_>, key: &str) -> Result<i64, Error> {
        if self.set_time_zone {
            lease.query(Query::SetTimeZone, &[]).await?;
        }
        let session = lease.query(Query::Session, &[&key]).await?;
        Ok(session.first().ok_or(Error::Unauthorized)?.try_get(0)?)
    }
}

/// The teams in which a user is active.
async fn teams(lease: &mut Lease<'_>, user: i64) -> Result<Vec<i64>, Error> {
    let teams = lease.query(Query::ActiveTeams, &[&user]).await?;
    Ok(teams.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}
