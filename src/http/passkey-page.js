/**
 * Runs passkey ceremonies on the hosted pages: what is to be done stands beside the hidden field `passkey-answer`, which
 * this fills in before it sends the form. A module, so that browsers too old for passkeys never read it: the page says
 * what to do instead until this runs.
 */
import './library.js';

const passkeys = globalThis.SimpleWebAuthnBrowser;
const answer = document.getElementById('passkey-answer');
const show = (id, isShown) => {
  const element = document.getElementById(id);
  if (element) element.hidden = !isShown;
};

const ceremonies = {
  conditional: (optionsJSON) => passkeys.startAuthentication({ optionsJSON, useBrowserAutofill: true }),
  use: (optionsJSON) => passkeys.startAuthentication({ optionsJSON }),
  create: (optionsJSON) => passkeys.startRegistration({ optionsJSON }),
};

async function perform(mode) {
  show('passkey-failed', false);
  try {
    const started = await fetch(answer.dataset.start, { method: 'POST', credentials: 'same-origin' });
    if (!started.ok) throw new Error(`the ceremony was refused: ${started.status}`);
    const { webauthn_session_id, options } = await started.json();
    const credential = await ceremonies[mode](options);
    answer.value = JSON.stringify({ webauthn_session_id, credential });
    answer.form.submit();
  } catch {
    // While the field only offers passkeys, nobody has asked for one.
    show('passkey-failed', mode !== 'conditional');
  }
}

async function begin({ mode, atOnce }) {
  if (mode === 'conditional') {
    if (await passkeys.browserSupportsWebAuthnAutofill()) await perform(mode);
    return;
  }
  show('passkey-missing', false);
  show('passkey-start', true);
  document.getElementById('passkey-start').addEventListener('click', () => perform(mode));
  if (atOnce === 'yes') await perform(mode);
}

if (answer && passkeys.browserSupportsWebAuthn()) await begin(answer.dataset);
