// What both Node clients share: the case, the contract as messages that know their JSON form, and the counting of checks.

import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, fromJson, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

export const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
export const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(given.contract)));
export const service = (name) => registry.getService(`rapport.v1.${name}`);
export const message = (name) => registry.getMessage(name);
export const read = (name, json) => fromJson(message(name), json);
export const print = (name, value) => toJson(message(name), value);

export async function run(checks) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok      ${name}`);
    } catch (fault) {
      console.log(`FAILED  ${name}\n${fault.stack}`);
    }
  }
}
