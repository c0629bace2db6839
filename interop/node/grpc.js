// A Node service's client: @grpc/grpc-js.

import assert from "node:assert/strict";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Metadata, credentials, makeClientConstructor, status } from "@grpc/grpc-js";
import { given, message, print, read, run, service } from "./case.js";

const CALL_MS = 20_000;
const HELD_MS = 300;
const GET = "rapport.v1.GetBriefingRequest";

/** The method definitions of a service, as a code generator would write them. */
function definition(desc) {
  return Object.fromEntries(desc.methods.map((method) => [method.name, {
    path: `/${desc.typeName}/${method.name}`,
    requestStream: ["client_streaming", "bidi_streaming"].includes(method.methodKind),
    responseStream: ["server_streaming", "bidi_streaming"].includes(method.methodKind),
    requestSerialize: (value) => Buffer.from(toBinary(method.input, value)),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (value) => Buffer.from(toBinary(method.output, value)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  }]));
}

const stubs = (name, options) =>
  new (makeClientConstructor(definition(service(name)), name))(given.address, credentials.createInsecure(), options);
const briefings = stubs("BriefingService");
const interactions = stubs("InteractionService");

function call(client, method, request, deadline = Date.now() + CALL_MS) {
  return new Promise((done, failed) =>
    client[method](request, new Metadata(), { deadline }, (error, answer) => (error ? failed(error) : done(answer))));
}

async function refused(code, promise) {
  const error = await promise.then(() => assert.fail("accepted"), (error) => error);
  assert.equal(error.code, code, error.details);
  return error;
}

/** The rich details of a status, by type name. */
function details(error) {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const unpack = ({ typeUrl, value }) => [typeUrl.split("/")[1], fromBinary(message(typeUrl.split("/")[1]), value)];
  return Object.fromEntries(fromBinary(message("google.rpc.Status"), bytes).details.map(unpack));
}

await run({
  async "gets what rapport brief prints"() {
    const answer = await call(briefings, "GetBriefing", read(GET, given.request));
    assert.deepEqual(print("rapport.v1.GetBriefingResponse", answer), given.brief);
  },
  async "sees the reason and the field of a fault"() {
    const error = await refused(status[given.fault.code], call(briefings, "GetBriefing", read(GET, given.fault.request)));
    const found = details(error);
    assert.equal(found["google.rpc.ErrorInfo"].reason, given.fault.reason);
    assert.deepEqual(found["google.rpc.BadRequest"].fieldViolations.map(({ field }) => field), [given.fault.field]);
  },
  async "a deadline that has passed ends the call"() {
    await refused(status.DEADLINE_EXCEEDED, call(briefings, "GetBriefing", read(GET, given.request), Date.now() - 1));
  },
  async "a stream that is held open ends at its deadline"() {
    const stream = interactions.IngestInteractions(new Metadata(), { deadline: Date.now() + HELD_MS });
    const error = await new Promise((done) => stream.on("data", () => {}).on("error", done));
    assert.equal(error.code, status.DEADLINE_EXCEEDED);
  },
  async "a call under the service config answers"() {
    const client = stubs("BriefingService", { "grpc.service_config": given.service_config });
    assert.ok((await call(client, "GetBriefing", read(GET, given.request))).briefing.customerId);
    client.close();
  },
  async "the deadlines of the service config are obeyed"() {
    const hurried = JSON.parse(given.service_config);
    for (const entry of hurried.methodConfig) entry.timeout = "0.000000001s";
    const client = stubs("BriefingService", { "grpc.service_config": JSON.stringify(hurried) });
    const answer = new Promise((done, failed) =>
      client.GetBriefing(read(GET, given.request), (error, answer) => (error ? failed(error) : done(answer))));
    await refused(status.DEADLINE_EXCEEDED, answer);
    client.close();
  },
});
briefings.close();
interactions.close();
