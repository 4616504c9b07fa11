// A real OpenID Connect provider for the tests, with its own pages for logging in: whoever types a name is
// called so. Says its address, and ends with whoever started it.
//
// node provider.mjs CLIENT SECRET RETURN
import http from 'node:http';
import { Provider } from 'oidc-provider';

const [client, secret, way_back] = process.argv.slice(2);
const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: client, client_secret: secret, redirect_uris: [way_back] }],
    cookies: { keys: ['of the tests'] },
    pkce: { required: () => true },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.on('end', () => process.exit()).resume();
