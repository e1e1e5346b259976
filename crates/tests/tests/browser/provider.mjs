// An OpenID provider for one test: any name and password will do there. It says where it is, and ends with its input.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [modules, back] = process.argv.slice(2);
const { default: library, Provider = library } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`));
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "tallyman", client_secret: "a secret of the test", redirect_uris: [back], grant_types: ["authorization_code"], response_types: ["code"] }],
    pkce: { required: () => true },
    cookies: { keys: ["one key for one test"] },
    features: { devInteractions: { enabled: true } },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
