// What oxlint cannot check: Vue templates, the arrows between packages, and that no text stands in the code.
import i18n from '@intlify/eslint-plugin-vue-i18n'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

const arrows = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })
const own = { regex: '^@placket/(pos|office)', message: 'Nothing imports an app.' }

export default [
  { ignores: ['**/dist/**', '**/node_modules/**', 'packages/api/src/schema.d.ts'] },
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parser: ts.parser },
  },
  {
    files: ['**/*.{ts,vue}'],
    plugins: { '@typescript-eslint': ts.plugin, '@intlify/vue-i18n': i18n },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      // Layout of templates is the formatter's and the reader's business.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'any' } }],
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/max-lines-per-block': ['error', { template: 200, script: 200 }],
      'vue/no-v-html': 'error',
    },
  },
  {
    files: ['**/*.vue'],
    rules: {
      '@intlify/vue-i18n/no-raw-text': [
        'error',
        { ignorePattern: '^[-−–—+=·×%₫/#.,:;()\\d\\s…]*$', ignoreNodes: ['kbd'], ignoreText: ['Placket', 'Lụa', 'CSV', 'PIN'] },
      ],
    },
  },
  {
    files: ['apps/*/src/**', 'packages/{ui,selling,paper}/src/**'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'Only packages/api talks to the server.' }] },
  },
  // A catalogue is a list, not a program.
  { files: ['apps/*/src/i18n/*.ts'], rules: { 'max-lines': 'off' } },
  { files: ['packages/ui/src/**'], rules: arrows([{ regex: '^@placket/', message: 'ui knows no domain.' }]) },
  {
    files: ['packages/selling/src/**'],
    rules: arrows([own, { regex: '^(@placket/ui|vue)', message: 'selling is pure TypeScript.' }]),
  },
  {
    files: ['packages/paper/src/**'],
    rules: arrows([own, { regex: '^(@placket/(ui|api)|vue)', message: 'paper draws what selling says.' }]),
  },
  { files: ['packages/api/src/**'], rules: arrows([{ regex: '^@placket/|^vue', message: 'api is pure TypeScript.' }]) },
  {
    files: ['apps/*/src/features/*/**'],
    rules: arrows([own, { regex: '^\\.\\./(?!\\.\\.)', message: 'Features never import each other; move what two share to a package.' }]),
  },
]
