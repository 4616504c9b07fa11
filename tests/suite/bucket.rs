//! A store that speaks as much of S3 as is asked of it: a bucket in memory, on a port of this machine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

type Files = Arc<Mutex<Shelf>>;

#[derive(Default)]
struct Shelf {
    files: BTreeMap<String, Bytes>,
    /// Whoever reads a file of this ending gets another.
    spoiled: Option<String>,
}

pub struct Bucket {
    files: Files,
    address: String,
}

impl Bucket {
    pub async fn open() -> Self {
        let files = Files::default();
        let router = Router::new()
            .route("/bucket", axum::routing::any(of_bucket))
            .route("/bucket/{*key}", axum::routing::any(of_file))
            .layer(DefaultBodyLimit::disable())
            .with_state(files.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { files, address }
    }

    /// What a program is told to find it.
    pub fn options(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT", &*format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "here"),
            ("AWS_ACCESS_KEY_ID", "someone"),
            ("AWS_SECRET_ACCESS_KEY", "something"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Loses a file of this ending, if it has one; tells which.
    pub fn lose(&self, ending: &str) -> Option<String> {
        let files = &mut self.files.lock().unwrap().files;
        let key = files.keys().find(|key| key.ends_with(ending)).cloned()?;
        files.remove(&key);
        Some(key)
    }

    /// From now on whatever is read of files of this ending is changed.
    pub fn spoil(&self, ending: &str) {
        self.files.lock().unwrap().spoiled = Some(ending.to_owned());
    }

    /// How much lies in it, in bytes.
    #[allow(dead_code, reason = "the benchmark of several services asks")]
    pub fn size(&self) -> usize {
        self.files.lock().unwrap().files.values().map(Bytes::len).sum()
    }

    pub fn keys(&self) -> Vec<String> {
        self.files.lock().unwrap().files.keys().cloned().collect()
    }
}

type Parameters = Query<BTreeMap<String, String>>;

/// The list of what begins with a prefix, and the removal of many.
async fn of_bucket(
    State(files): State<Files>,
    method: Method,
    Query(parameters): Parameters,
    body: Bytes,
) -> Response {
    let files = &mut files.lock().unwrap().files;
    if method == Method::POST && parameters.contains_key("delete") {
        let wish = String::from_utf8(body.to_vec()).unwrap();
        let keys = wish.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap());
        let removed = keys.map(|key| {
            files.remove(key);
            format!("<Deleted><Key>{key}</Key></Deleted>")
        });
        return format!("<DeleteResult>{}</DeleteResult>", removed.collect::<String>()).into_response();
    }
    assert_eq!(method, Method::GET, "{parameters:?}");
    let prefix = parameters.get("prefix").cloned().unwrap_or_default();
    let found = files.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(key, bytes)| {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2025-01-01T00:00:00.000Z</LastModified><ETag>\"1\"</ETag>\
             <Size>{}</Size></Contents>",
            bytes.len()
        )
    });
    let found: String = found.collect();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>").into_response()
}

/// One file: written at once or in parts, read, removed.
async fn of_file(
    State(files): State<Files>,
    method: Method,
    Path(key): Path<String>,
    Query(parameters): Parameters,
    body: Bytes,
) -> Response {
    let Shelf { files, spoiled } = &mut *files.lock().unwrap();
    let tag = [(header::ETAG, "\"1\""), (header::LAST_MODIFIED, "Wed, 01 Jan 2025 00:00:00 GMT")];
    // A part is kept beside the file that it will belong to.
    let part = |number: &str| format!("{key}#{number:0>5}");
    match (method, parameters.get("partNumber"), parameters.contains_key("uploadId")) {
        (Method::PUT, Some(number), _) => {
            files.insert(part(number), body);
            tag.into_response()
        }
        (Method::PUT, None, _) => {
            files.insert(key, body);
            tag.into_response()
        }
        (Method::POST, _, false) => {
            "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
                .into_response()
        }
        (Method::POST, _, true) => {
            let numbers: Vec<String> =
                files.keys().filter(|other| other.starts_with(&format!("{key}#"))).cloned().collect();
            let whole: Vec<u8> = numbers.iter().flat_map(|part| files.remove(part).unwrap()).collect();
            files.insert(key, whole.into());
            "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>"
                .into_response()
        }
        (Method::GET | Method::HEAD, ..) => match files.get(&key) {
            Some(bytes) => {
                let mut bytes = bytes.to_vec();
                if spoiled.as_ref().is_some_and(|ending| key.ends_with(ending)) {
                    bytes.reverse();
                }
                (tag, bytes).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        },
        (Method::DELETE, ..) => {
            files.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        (method, ..) => panic!("{method} {key}"),
    }
}
