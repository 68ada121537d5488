import { request } from 'node:http';
import type { JsonView } from './json-view.js';

export interface RawReply {
  readonly status: number;
  readonly json: JsonView;
}

/** Sends a path exactly as it is written: no client in between that tidies it. */
export const rawRequest = (url: string, method: string, path: string): Promise<RawReply> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          json: text === '' ? {} : JSON.parse(text),
        });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
