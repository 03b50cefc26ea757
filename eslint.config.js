import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    // The client's types are not there before `make clients`; the test of the clients compiles it, strictly.
    ignores: ["clients/", "tests/query_api/clients/", "**/dist/", "**/node_modules/", ".venv/", ".playhead/", "**/*.generated.ts", "**/coverage/"],
  },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Numbers in messages are what we write most; everything else must be turned into text on purpose.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A promise that nobody awaits is an error that nobody sees.
      "@typescript-eslint/no-floating-promises": "error",
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["services/query-api/dashboard/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  {
    files: ["examples/**/*.js"],
    languageOptions: { globals: { ...globals.browser, rrweb: "readonly" } },
  },
  {
    files: ["**/*.{mjs,cjs}", "*.config.js"],
    languageOptions: { globals: globals.node },
  },
);
