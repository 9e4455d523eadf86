// LlamaCloud's TypeScript SDK: every chat operation. Arguments: address, key, read-only key.
import assert from 'node:assert/strict';
import LlamaCloud from '@llamaindex/llama-cloud';

const [baseURL, apiKey, readOnlyKey] = process.argv.slice(2);
const clientWith = (key) => new LlamaCloud({ apiKey: key, baseURL, maxRetries: 0 });
const client = clientWith(apiKey);
const chat = client.beta.chat;

const everything = async (pages) => {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
};

const eventsOf = (text) =>
  text.split('\n\n').filter(Boolean).map((frame) => {
    assert.ok(frame.startsWith('data: '));
    return JSON.parse(frame.slice('data: '.length));
  });

const made = [];
for (let n = 0; n < 5; n += 1) made.push(await chat.create({}));
for (const session of made) {
  assert.equal(session.index_ids, null);
  assert.equal(session.shared_access, 'read_only');
}
const listed = await everything(chat.list({ page_size: 2, project_id: null, organization_id: null }));
assert.deepEqual(listed.slice(0, 5).map((each) => each.session_id), made.map((each) => each.session_id).reverse());

const bound = await chat.create({ index_ids: ['idx-1'], shared_access: 'query' });
assert.deepEqual([bound.index_ids, bound.shared_access], [['idx-1'], 'query']);
const id = bound.session_id;
const prompt = 'Gr\u00fc\u00dfe?\u2028 \u65e5\u672c \ud83d\udc69';
const response = await chat.stream(id, { index_ids: ['idx-1'], prompt }).asResponse();
assert.equal(response.headers.get('content-type'), 'text/event-stream');
const events = eventsOf(await response.text());
assert.deepEqual(events[0], { type: 'user_input', content: prompt });
assert.equal(events.at(-1).type, 'stop');
assert.equal(events.at(-1).is_error, true);
assert.deepEqual((await chat.retrieve(id)).events, events);
assert.equal(typeof (await chat.stream(id, { index_ids: [], prompt: 'x' })), 'string');
assert.equal((await chat.getSummary(id)).job_metadata.error, events.at(-1).error);

const { UnprocessableEntityError, NotFoundError, AuthenticationError, PermissionDeniedError } = LlamaCloud;
await assert.rejects(chat.stream(id, { index_ids: ['other'], prompt: 'x' }), UnprocessableEntityError);
await chat.delete(id);
await assert.rejects(chat.retrieve(id), NotFoundError);
await assert.rejects(clientWith('wrong.key').beta.chat.create({}), AuthenticationError);
await assert.rejects(clientWith(readOnlyKey).beta.chat.create({}), PermissionDeniedError);

for (const oddId of ['js@b.c', 'two js words', 'js-\u30bb\u30c3\u30b7\u30e7\u30f3', '100% js']) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const body = JSON.stringify([{ role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hi' }]);
  const url = `${baseURL}/api/sessions/${encodeURIComponent(oddId)}/messages?create=true`;
  assert.ok((await fetch(url, { method: 'POST', headers, body })).ok);
  assert.deepEqual((await chat.retrieve(oddId)).events, [
    { type: 'user_input', content: 'Hello' },
    { type: 'text', content: 'Hi' },
  ]);
  await chat.delete(oddId);
}
console.log('ok');
