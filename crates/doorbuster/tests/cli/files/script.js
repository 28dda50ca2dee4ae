import http from 'k6/http';

export const options = {
  summaryTrendStats: ['med', 'p(99)'],
  scenarios: {
    checkout: {
      executor: 'ramping-arrival-rate', // open model
      startRate: 10, timeUnit: '1s', preAllocatedVUs: 50, maxVUs: 500,
      stages: [
        { target: 200, duration: '30s' },
        { target: 200, duration: '1m30s' },
      ],
      exec: 'buy',
    },
  },
  thresholds: { http_req_failed: ['rate<0.01'], http_req_duration: ['p(95)<300', 'p(99.9)<2000'] },
};

export function buy() {
  http.post(`${__ENV.BASE}/checkout`, JSON.stringify({ quantity: 1 }));
}
