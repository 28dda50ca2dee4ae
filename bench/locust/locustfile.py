"""The peer `locust` of the benchmark: BENCH_PER_USER requests a second of each user, or, with 0, as many as it can."""

import os

from locust import FastHttpUser, HttpUser, constant, constant_throughput, task

PER_USER = float(os.environ["BENCH_PER_USER"])
WAIT = constant_throughput(PER_USER) if PER_USER > 0 else constant(0)


class Fast(FastHttpUser):
    wait_time = WAIT

    @task
    def get(self):
        self.client.get("/products")


class Requests(HttpUser):
    wait_time = WAIT

    @task
    def get(self):
        self.client.get("/products")
