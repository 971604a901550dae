//! From a request's parameters to its answer, by the plan and the serializer that the settings name.

mod sequential;
mod single;

use axum::http::StatusCode;
use axum::response::Response;
use tokio_util::task::TaskTracker;

use self::sequential::Sequence;
use crate::database::Database;
use crate::errors::Error;
use crate::parameters::Paging;
use crate::responses::json;
#[cfg(feature = "sqlx")]
use crate::settings::Driver;
use crate::settings::{Plan, Serializer, Settings};
#[cfg(feature = "sqlx")]
use crate::sqlx_documents::SqlxDocuments;
use crate::upstream::Upstream;

/// Answers requests from a database.
#[derive(Debug)]
pub struct Planner {
    documents: Documents,
    upstream: Upstream,
}

/// Where documents come from.
#[derive(Debug)]
enum Documents {
    Rows(Rows),
    #[cfg(feature = "sqlx")]
    Sqlx(SqlxDocuments),
}

impl Planner {
    /// `drivers` runs the tasks of the connections.
    pub fn new(settings: &Settings, drivers: TaskTracker, upstream: Upstream) -> Self {
        #[cfg(feature = "sqlx")]
        if settings.driver == Driver::Sqlx {
            let documents = Documents::Sqlx(SqlxDocuments::new(settings, drivers));
            return Self { documents, upstream };
        }
        Self { documents: Documents::Rows(Rows::new(settings, drivers)), upstream }
    }

    /// How many connections to the database requests have.
    pub fn connections_in_use(&self) -> usize {
        match &self.documents {
            Documents::Rows(rows) => rows.database.in_use(),
            #[cfg(feature = "sqlx")]
            Documents::Sqlx(sqlx) => sqlx.connections_in_use(),
        }
    }

    /// The answer to GET /api/v1/recipes/{id}.
    pub async fn recipe(&self, key: &str, id: i64) -> Result<Response, Error> {
        let body = match &self.documents {
            Documents::Rows(rows) => rows.recipe(key, id).await,
            #[cfg(feature = "sqlx")]
            Documents::Sqlx(sqlx) => sqlx.recipe(key, id).await,
        }?;
        Ok(json(StatusCode::OK, body))
    }

    /// The answer to GET /api/v1/recipes.
    pub async fn recipe_list(&self, key: &str, paging: &Paging) -> Result<Response, Error> {
        let body = match &self.documents {
            Documents::Rows(rows) => rows.recipe_list(key, paging).await,
            #[cfg(feature = "sqlx")]
            Documents::Sqlx(sqlx) => sqlx.recipe_list(key, paging).await,
        }?;
        Ok(json(StatusCode::OK, body))
    }

    /// The answer to POST /api/v1/recipes/{id}/notes.
    pub async fn note_create(&self, key: &str, id: i64, text: &str) -> Result<Response, Error> {
        let body = match &self.documents {
            Documents::Rows(rows) => rows.note_create(key, id, text).await,
            #[cfg(feature = "sqlx")]
            Documents::Sqlx(sqlx) => sqlx.note_create(key, id, text).await,
        }?;
        Ok(json(StatusCode::CREATED, body))
    }

    /// The answer to GET /api/v1/recipes/{id}/nutrition. Its calls are made without a database connection.
    pub async fn nutrition(&self, key: &str, id: i64) -> Result<Response, Error> {
        let title = match &self.documents {
            Documents::Rows(rows) => single::recipe_title(&rows.database, key, id).await,
            #[cfg(feature = "sqlx")]
            Documents::Sqlx(sqlx) => sqlx.recipe_title(key, id).await,
        }?;
        Ok(json(StatusCode::OK, self.upstream.nutrition(id, &title).await?))
    }
}

/// Documents by tokio-postgres: a plan fetches rows, a serializer makes JSON of them.
#[derive(Debug)]
struct Rows {
    database: Database,
    plan: Plan,
    sequence: Sequence,
    serializer: Serializer,
}

impl Rows {
    fn new(settings: &Settings, drivers: TaskTracker) -> Self {
        let &Settings { plan, lookup, set_time_zone, serializer, .. } = settings;
        let database = Database::new(settings, drivers);
        Self { database, plan, sequence: Sequence { lookup, set_time_zone }, serializer }
    }

    async fn recipe(&self, key: &str, id: i64) -> Result<Vec<u8>, Error> {
        let rows = match self.plan {
            Plan::Sequential => self.sequence.recipe(&self.database, key, id).await,
            Plan::Single => single::recipe(&self.database, key, id).await,
        }?;
        Ok(self.serializer.recipe(&rows)?)
    }

    async fn recipe_list(&self, key: &str, paging: &Paging) -> Result<Vec<u8>, Error> {
        let rows = match self.plan {
            Plan::Sequential => self.sequence.recipe_list(&self.database, key, paging).await,
            Plan::Single => single::recipe_list(&self.database, key, paging).await,
        }?;
        Ok(self.serializer.recipe_list(&rows)?)
    }

    async fn note_create(&self, key: &str, id: i64, text: &str) -> Result<Vec<u8>, Error> {
        let row = match self.plan {
            Plan::Sequential => self.sequence.note_create(&self.database, key, id, text).await,
            Plan::Single => single::note_create(&self.database, key, id, text).await,
        }?;
        Ok(self.serializer.note(&row)?)
    }
}
