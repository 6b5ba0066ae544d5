import type { Family } from './sample.ts'

/** What stands in brackets without quotes, and is often no answer. */
export const REMARKS: readonly Family[] = [
  {
    schema: { type: 'array', items: { type: 'string' } },
    samples: [
      {
        about: 'a refusal in brackets',
        text: '[Sorry, I cannot help with that]',
        refused: 'no JSON',
      },
      { about: 'a short refusal in brackets', text: "[Sorry, can't]", refused: 'no JSON' },
      { about: 'a refusal with an apostrophe', text: "[I'm afraid, no]", refused: 'no JSON' },
      {
        about: 'sentences in brackets',
        text: '[There is nothing to list here, try again]',
        refused: 'no JSON',
      },
      { about: 'NaN without quotes', text: '["a", NaN]', refused: 'NaN is no value' },
      { about: 'nan of Python', text: '["a", nan]', refused: 'nan is no value' },
      { about: 'undefined', text: '["a", undefined]', refused: 'undefined is no value' },
      { about: 'NaN in quotes', text: '["NaN"]', value: ['NaN'] },
      { about: 'a word that begins so', text: '[Nana, info]', value: ['Nana', 'info'] },
    ],
  },
]
