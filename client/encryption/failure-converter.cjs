// SPDX-License-Identifier: Apache-2.0
/**
 * Puts messages and stacks of failures into a payload, so that the codec encrypts them with the others. A CommonJS file, because the SDK loads
 * it by `require` in the worker and into the bundle of the workflows.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
