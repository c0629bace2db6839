// A page's client: @connectrpc/connect-web speaking gRPC-Web, and the question (CORS) that a browser asks first.

import assert from "node:assert/strict";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { given, message, print, read, run, service } from "./case.js";

const GET = "rapport.v1.GetBriefingRequest";
const METHOD = `${given.url}/rapport.v1.BriefingService/GetBriefing`;
const STRANGER = "https://elsewhere.example";
// What connect-web sends beyond what any page may.
const ASKED = "content-type,grpc-timeout,x-grpc-web,x-user-agent";
// What a script must be let to read, or an error without an answer has no reason.
const READ = ["grpc-status", "grpc-message", "grpc-status-details-bin"];

/** A client on a page of this origin. Here a header says so; a browser lets no script choose it. */
function page(origin) {
  const from = (next) => (request) => {
    request.header.set("origin", origin);
    return next(request);
  };
  return createClient(service("BriefingService"), createGrpcWebTransport({ baseUrl: given.url, interceptors: [from] }));
}

const preflight = (origin) => fetch(METHOD, {
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": ASKED },
});

async function refused(code, promise) {
  const error = ConnectError.from(await promise.then(() => assert.fail("accepted"), (error) => error));
  assert.equal(error.code, code, error.message);
  return error;
}

await run({
  async "gets what rapport brief prints"() {
    const answer = await page(given.origin).getBriefing(read(GET, given.request));
    assert.deepEqual(print("rapport.v1.GetBriefingResponse", answer), given.brief);
  },
  async "sees the reason and the field of a fault"() {
    const error = await refused(Code.InvalidArgument, page(given.origin).getBriefing(read(GET, given.fault.request)));
    const [info] = error.findDetails(message("google.rpc.ErrorInfo"));
    const [bad] = error.findDetails(message("google.rpc.BadRequest"));
    assert.equal(info.reason, given.fault.reason);
    assert.deepEqual(bad.fieldViolations.map(({ field }) => field), [given.fault.field]);
  },
  async "a deadline that has passed ends the call"() {
    // A request that never ends: it is the server that answers, and not the library.
    const body = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) });
    const headers = { origin: given.origin, "content-type": "application/grpc-web+proto", "grpc-timeout": "200m" };
    const answer = await fetch(METHOD, { method: "POST", headers, body, duplex: "half" });
    assert.equal(Number(answer.headers.get("grpc-status")), Code.DeadlineExceeded);
  },
  async "a page that is named may ask, and read the status"() {
    const answer = await preflight(given.origin);
    assert.ok(answer.ok, `${answer.status}`);
    assert.equal(answer.headers.get("access-control-allow-origin"), given.origin);
    const allowed = answer.headers.get("access-control-allow-headers").toLowerCase().split(/, */);
    assert.deepEqual(ASKED.split(",").filter((name) => !allowed.includes(name) && !allowed.includes("*")), []);
    const call = await fetch(METHOD, {
      method: "POST",
      headers: { origin: given.origin, "content-type": "application/grpc-web+proto" },
      body: new Uint8Array(5),
    });
    const exposed = call.headers.get("access-control-expose-headers").toLowerCase().split(/, */);
    assert.deepEqual(READ.filter((name) => !exposed.includes(name)), []);
  },
  async "another page may not"() {
    assert.equal((await preflight(STRANGER)).headers.get("access-control-allow-origin"), null);
    await refused(Code.PermissionDenied, page(STRANGER).getBriefing(read(GET, given.request)));
  },
});
process.exit(0); // The request that never ends would keep the program.
