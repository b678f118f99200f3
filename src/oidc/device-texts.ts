/** What Tessera's own pages of the device flow say. One place, so that they can be translated. */

export const DEVICE_TEXTS = {
  incorrect: 'The code you entered is incorrect. Try again',
  interrupted: 'The sign-in request was interrupted',
  inputTitle: 'Connect a device',
  inputHint: 'Enter the code that your device shows.',
  inputLabel: 'Code',
  next: 'Continue',
  approvalTitle: 'Connect this device?',
  approvalHint: 'Allow this only if you see the same code on a device that is in front of you.',
  code: 'Code',
  application: 'Application',
  address: 'Address of the device',
  software: 'Software of the device',
  allow: 'Allow',
  deny: 'Deny',
  going: 'One moment, please',
  successTitle: 'Your device is connected',
  successHint: 'You can go back to your device and close this page.',
  limitTitle: 'Please wait',
  limitHint: 'There were too many wrong codes from your network. Please try again in a few minutes.',
} as const;
