// A directory by OpenID Connect: oidc-provider with nothing of its own but who is there.
// node directory.mjs PORT REDIRECT_URI PEOPLE: PEOPLE is a JSON file, {"subject": {"email": …, "email_verified": …}}.
// Who comes is whom the cookie `who` names: there is no password to type.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import * as oidc from "oidc-provider";

const [port, redirect, people] = process.argv.slice(2);
const known = () => JSON.parse(readFileSync(people, "utf8"));
const provider = new oidc.Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "unfelt",
      client_secret: "s3cret-of-the-directory",
      redirect_uris: [redirect],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  pkce: { required: () => true },
  cookies: { keys: ["only-for-tests"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => (sub in known() ? { accountId: sub, claims: () => ({ sub, ...known()[sub] }) } : undefined),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  const who = /(?:^|; )who=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  await provider.interactionFinished(request, response, { login: { accountId: who } }, { mergeWithLastSubmission: false });
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
