//! Documents by sqlx, as its documentation teaches: its pool, and structs that are made of rows.
//!
//! See <https://docs.rs/sqlx/0.9/sqlx/pool/index.html> and <https://docs.rs/sqlx/0.9/sqlx/trait.FromRow.html>.

mod document;

use std::fmt;

use serde::Serialize;
use sqlx::postgres::{PgArguments, PgPoolOptions, PgRow};
use sqlx::{FromRow, PgPool, Postgres, Row, query};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use self::document::{Note, Page, Recipe, Summary};
use crate::connections::{STATEMENTS_TIMEOUT, TimedOut};
use crate::errors::Error;
use crate::parameters::Paging;
use crate::queries::Query;
use crate::queue::Queue;
use crate::settings::Settings;
use crate::traces;

/// A statement, to which parameters are bound.
type Statement<'a> = sqlx::query::Query<'a, Postgres, PgArguments>;

/// Makes documents, as JSON. Its statements are those of the plan with a single one for each request.
pub struct SqlxDocuments {
    pool: PgPool,
    queue: Queue,
    drivers: TaskTracker,
}

impl fmt::Debug for SqlxDocuments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SqlxDocuments")
    }
}

impl Drop for SqlxDocuments {
    fn drop(&mut self) {
        let pool = self.pool.clone();
        self.drivers.spawn(async move { pool.close().await });
    }
}

impl SqlxDocuments {
    /// Requests connect, as sqlx has it by default. What it opens in the background may take it five minutes.
    /// `drivers` runs the task that disconnects.
    pub fn new(settings: &Settings, drivers: TaskTracker) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(settings.pool_size)
            .acquire_timeout(settings.pool_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(settings.pool_ping)
            .connect_lazy_with(settings.sqlx_options.0.clone());
        Self { pool, queue: Queue::new(settings.queue_size), drivers }
    }

    /// How many connections the pool has that are not idle. Sqlx pings a connection that is given back, and only then
    /// is it idle.
    pub fn connections_in_use(&self) -> usize {
        (self.pool.size() as usize).saturating_sub(self.pool.num_idle())
    }

    /// The document of GET /api/v1/recipes/{id}.
    pub async fn recipe(&self, key: &str, id: i64) -> Result<Vec<u8>, Error> {
        let rows = self.fetch(Query::RecipeSingle, |one| one.bind(key).bind(id)).await?;
        json(&Recipe::from_row(the_row(&rows)?)?)
    }

    /// The document of GET /api/v1/recipes.
    pub async fn recipe_list(
        &self,
        key: &str,
        &Paging { limit, after }: &Paging,
    ) -> Result<Vec<u8>, Error> {
        let rows = self
            .fetch(Query::RecipeListSingle, |list| list.bind(key).bind(after).bind(limit))
            .await?;
        let first = rows.first().ok_or(Error::Unauthorized)?;
        let recipes = if holds_nothing(first)? {
            Vec::new()
        } else {
            rows.iter().map(Summary::from_row).collect::<Result<_, _>>()?
        };
        json(&Page::new(recipes, limit))
    }

    /// The document of the note that POST /api/v1/recipes/{id}/notes adds.
    pub async fn note_create(&self, key: &str, id: i64, text: &str) -> Result<Vec<u8>, Error> {
        let rows = self
            .fetch(Query::NoteCreateSingle, |create| create.bind(key).bind(id).bind(text))
            .await?;
        json(&Note::from_row(the_row(&rows)?)?)
    }

    /// The title of a recipe.
    pub async fn recipe_title(&self, key: &str, id: i64) -> Result<String, Error> {
        let rows = self.fetch(Query::NutritionRecipe, |one| one.bind(key).bind(id)).await?;
        Ok(the_row(&rows)?.try_get(1)?)
    }

    /// The rows of a statement, if they come in time.
    async fn fetch<'a>(
        &self,
        asked: Query,
        bind: impl FnOnce(Statement<'a>) -> Statement<'a>,
    ) -> Result<Vec<PgRow>, Error> {
        let place = self.queue.place()?;
        let acquired = self.pool.acquire().await;
        // Whatever the reason, there is no connection, and the client can only try again.
        let mut connection = acquired.map_err(|error| Error::Unavailable(error.into()))?;
        drop(place);
        let asking = bind(query(asked.sql()))
            .fetch_all(&mut *connection)
            .instrument(traces::statement(asked.sql()));
        if let Ok(rows) = timeout(STATEMENTS_TIMEOUT, asking).await {
            return Ok(rows?);
        }
        // Out of the pool and cut off: sqlx's own ways to close a connection wait for the server.
        drop(connection.detach());
        let what = "the database did not answer";
        Err(Error::Unavailable(TimedOut { what, limit: STATEMENTS_TIMEOUT }.into()))
    }
}

fn json(document: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(document).map_err(|error| Error::Internal(error.into()))
}

fn the_row(rows: &[PgRow]) -> Result<&PgRow, Error> {
    let row = rows.first().ok_or(Error::Unauthorized)?;
    if holds_nothing(row)? { Err(Error::NotFound) } else { Ok(row) }
}

/// Whether a row only says that the session is known. Then everything else is NULL, including the id.
fn holds_nothing(row: &PgRow) -> Result<bool, Error> {
    Ok(row.try_get::<Option<i64>, _>(0)?.is_none())
}
