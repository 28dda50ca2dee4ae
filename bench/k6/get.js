// The peer `k6` of the benchmark: BENCH_RATE requests a second, or, with 0, as many as BENCH_USERS can.
import http from 'k6/http';

const users = Number(__ENV.BENCH_USERS);
const rate = Number(__ENV.BENCH_RATE);
const duration = __ENV.BENCH_DURATION;

export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ['p(50)', 'p(90)', 'p(95)', 'p(99)', 'max'],
  scenarios: {
    get: rate > 0
      ? { executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration, preAllocatedVUs: users, maxVUs: users, gracefulStop: '5s' }
      : { executor: 'constant-vus', vus: users, duration, gracefulStop: '5s' },
  },
};

export default function () {
  http.get(__ENV.BENCH_URL);
}
