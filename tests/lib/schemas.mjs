// SPDX-License-Identifier: MIT
// schemas.mjs: on stdin {"tools":[…],"tries":[[TOOL, ARGUMENTS]…]}; on stdout whether each try fits its tool's inputSchema.
// Fails when a schema is not sound by a strict reading of JSON Schema 2020-12.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

const { tools, tries } = JSON.parse(readFileSync(0, 'utf8'))
const ajv = new Ajv2020({ strict: true, allErrors: true })
const fits = new Map()
for (const { name, inputSchema, outputSchema } of tools) {
  fits.set(name, ajv.compile(inputSchema))
  ajv.compile(outputSchema)
}
process.stdout.write(JSON.stringify(tries.map(([tool, given]) => fits.get(tool)(given))))
