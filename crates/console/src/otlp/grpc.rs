//! OTLP/gRPC: three services of one method each, whose messages stay bytes.

use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use axum::routing::post;
use bytes::{Buf, BufMut, Bytes};
use tokio::time::timeout;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::Grpc;
use tonic::{Code, Status};
use tower::service_fn;

use crate::otlp::refused::Refused;
use crate::otlp::signal::Signal;
use crate::otlp::take::take;
use crate::otlp::{Admission, LARGEST_MESSAGE, MESSAGE_WITHIN, answer};
use crate::state::State;

pub(crate) fn routes(admission: &Admission) -> Router<State> {
    let mut router = Router::new();
    for signal in Signal::ALL {
        let export = move |Shared(state), request| export(state, signal, request);
        router = router.route(signal.grpc_path(), post(export));
    }
    router.route_layer(admission.layer(|| refusal(Refused::TooMany.grpc_status())))
}

/// The answer to a method that we do not have.
pub(crate) fn no_such_method() -> Response {
    refusal(Status::unimplemented("only the Export methods of OTLP's trace, metrics and logs services are here"))
}

fn refusal(status: Status) -> Response {
    status.into_http().map(|_: Body| Body::empty())
}

async fn export(state: State, signal: Signal, request: Request<Body>) -> Response {
    // What tonic refuses never gets to the store: this tells those messages from the ones that the store refuses.
    let is_read = AtomicBool::new(false);
    let ingest = service_fn(|request: tonic::Request<Bytes>| {
        is_read.store(true, Ordering::Relaxed);
        let taken = take(&state, signal, request.get_ref());
        ready(match taken {
            Ok(ingested) => Ok(tonic::Response::new(answer::protobuf(signal, ingested).into())),
            Err(refused) => {
                refused.count(&state);
                Err(refused.grpc_status())
            }
        })
    });
    let mut grpc = Grpc::new(RawCodec)
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd)
        .max_decoding_message_size(LARGEST_MESSAGE);
    let Ok(response) = timeout(MESSAGE_WITHIN, grpc.unary(ingest, request)).await else {
        Refused::TooSlow.count(&state);
        return refusal(Refused::TooSlow.grpc_status());
    };
    let failed = Status::from_header_map(response.headers()).is_some_and(|status| status.code() != Code::Ok);
    if failed && !is_read.load(Ordering::Relaxed) {
        state.count_invalid();
    }
    response.map(Body::new)
}

/// Messages as they are on the wire.
#[derive(Debug, Clone, Copy)]
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
