//! A real console on free ports, spoken to over real gRPC and HTTP.

mod checkout;
mod otlp;
mod started;

mod alerts;
mod browser;
mod disk;
mod explore;
mod grpc;
mod http;
mod inbox;
mod llm;
mod logs;
mod openapi;
mod overload;
mod pages;
mod ports;
mod runs;
mod sql;
mod stage;
mod traces;
mod watch;
