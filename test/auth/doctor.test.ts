import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.ts';

async function doctor(t: TestContext, api: FakeApiServer, flags: readonly string[]) {
  const folder = await temporaryFolder(t);
  const config = `data: ${folder}/data\nhttp: { listen: 127.0.0.1:1 }\nauth: { mode: kubernetes }\n`;
  await writeFile(`${folder}/config.yml`, config);
  return flameherd(['doctor', ...flags, '--config', `${folder}/config.yml`], { KUBECONFIG: api.kubeconfig() });
}

for (const flags of [['--kubernetes'], []] as const) {
  const where = flags.length > 0 ? 'in a cluster that is watched' : 'where no cluster is watched';
  test(`${where} the doctor says whether the API server tells us who calls, and which rule is missing`, async (t) => {
    await using api = await startFakeApiServer();
    const good = await doctor(t, api, flags);
    assert.match(good.stdout, /^✓ right +auth: all that it needs$/m);
    api.authorize = ({ plural }) => plural !== 'tokenreviews';
    const { code, stdout } = await doctor(t, api, flags);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /^✗ right +auth is off: the right to create tokenreviews is missing, so nobody is let in/m);
    assert.match(stdout, /resources: \["tokenreviews"\]/);
    assert.match(stdout, /or apply deploy\/rbac\/auth\.yaml/);
    await api.down();
    assert.match((await doctor(t, api, flags)).stdout, /^✗ API server +the API server cannot be reached/m);
  });
}
