import { defineError } from '../contract/index.js';

export const VersionConflict = defineError({
  code: 'version-conflict', http: 409, grpc: 'ABORTED', retryable: true,
  help: 'Somebody else added to the same history first. Nothing was changed; send the request again, and it is decided anew.',
});

export const EventUnreadable = defineError({
  code: 'event-unreadable', http: 500, grpc: 'DATA_LOSS', retryable: false,
  help: 'A stored event does not fit what the code knows of its type. The message names it: run a version that knows it, or teach this one to lift it.',
});
