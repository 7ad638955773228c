import { expect, it } from '@jest/globals';
import { imagesOf } from './entry.js';

const rowOf = (columns: string): unknown => imagesOf(`[{"table": "t", "change": "inserted", "row": {${columns}}}]`)[0]?.row;

it('a number with more digits than a double has stays what it is, as text', () => {
  expect(rowOf('"id": 9007199254740993, "next": 9007199254740992, "rate": 0.12345678901234567891, "sum": 90071992547409930.10')).toEqual({
    id: '9007199254740993', next: 9007199254740992, rate: '0.12345678901234567891', sum: '90071992547409930.10',
  });
  expect(rowOf('"id": -9223372036854775808')).toEqual({ id: '-9223372036854775808' });
});

it('any other is a number, and so is every one within a JSON column', () => {
  expect(rowOf('"id": 9007199254740991, "double": 0.30000000000000004, "small": 1.5e-300, "scale": 1.100000000000000000, "zero": 0.00000000000000000000, "whole": 5.0000000000000000')).toEqual({
    id: 9007199254740991, double: 0.30000000000000004, small: 1.5e-300, scale: 1.1, zero: 0, whole: 5,
  });
  expect(rowOf('"double": 1e+20, "id": 9007199254740993')).toEqual({ double: 100000000000000000000, id: '9007199254740993' });
  expect(rowOf('"document": {"row": {"id": 9007199254740993}, "list": [9007199254740993]}')).toEqual({ document: { row: { id: 9007199254740992 }, list: [9007199254740992] } });
});
