//! From a request's parameters to its answer, by the plan and the serializer that the settings name.

mod sequential;
mod single;

use axum::http::StatusCode;
use axum::response::Response;

use self::sequential::Sequence;
use crate::database::Database;
use crate::errors::Error;
use crate::parameters::Paging;
use crate::responses::json;
use crate::settings::{Plan, Serializer, Settings};
use crate::upstream::Upstream;

/// Answers requests from a database: a plan fetches rows, a serializer makes JSON of them.
#[derive(Debug)]
pub struct Planner {
    database: Database,
    plan: Plan,
    sequence: Sequence,
    serializer: Serializer,
    upstream: Upstream,
}

impl Planner {
    pub fn new(database: Database, upstream: Upstream, settings: &Settings) -> Self {
        let &Settings { plan, lookup, set_time_zone, serializer, .. } = settings;
        Self { database, plan, sequence: Sequence { lookup, set_time_zone }, serializer, upstream }
    }

    /// How many connections to the database requests have.
    pub fn connections_in_use(&self) -> usize {
        self.database.in_use()
    }

    /// The answer to GET /api/v1/recipes/{id}.
    pub async fn recipe(&self, key: &str, id: i64) -> Result<Response, Error> {
        let rows = match self.plan {
            Plan::Sequential => self.sequence.recipe(&self.database, key, id).await,
            Plan::Single => single::recipe(&self.database, key, id).await,
        }?;
        Ok(json(StatusCode::OK, self.serializer.recipe(&rows)?))
    }

    /// The answer to GET /api/v1/recipes.
    pub async fn recipe_list(&self, key: &str, paging: &Paging) -> Result<Response, Error> {
        let rows = match self.plan {
            Plan::Sequential => self.sequence.recipe_list(&self.database, key, paging).await,
            Plan::Single => single::recipe_list(&self.database, key, paging).await,
        }?;
        Ok(json(StatusCode::OK, self.serializer.recipe_list(&rows)?))
    }

    /// The answer to POST /api/v1/recipes/{id}/notes.
    pub async fn note_create(&self, key: &str, id: i64, text: &str) -> Result<Response, Error> {
        let row = match self.plan {
            Plan::Sequential => self.sequence.note_create(&self.database, key, id, text).await,
            Plan::Single => single::note_create(&self.database, key, id, text).await,
        }?;
        Ok(json(StatusCode::CREATED, self.serializer.note(&row)?))
    }

    /// The answer to GET /api/v1/recipes/{id}/nutrition. Its calls are made without a database connection.
    pub async fn nutrition(&self, key: &str, id: i64) -> Result<Response, Error> {
        let title = single::recipe_title(&self.database, key, id).await?;
        Ok(json(StatusCode::OK, self.upstream.nutrition(id, &title).await?))
    }
}
